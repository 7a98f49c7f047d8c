// Every sentence that the recorder's processes hand to a screen can be read in Korean, also why a request failed. The files that write them are read
// as text: a sentence that is like none of the examples fails here, so that its Korean is written together with it.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { koreanNote } from './korean-notes.ts';
import { literalsOf, patternOf } from './literals.fixture.ts';

const top = join(import.meta.dirname, '../..');

const minute = 'candle says 12.5 in 8 trades, stored 12.4 in 7 trades';
const gap = 'gap 8-29 (sequence, open) from 09:02:39.191';
const hot = 'and is rebuilt from the journal';
const sums = 'okx spot SOL-USDT';

/** As the processes write them. Names of venues and symbols, and what a venue, the system or a process said, are in capitals or figures. */
const said: readonly string[] = [
  // Verdicts.
  `${gap} to 09:02:42.198 UTC, ids after 29 and before 31 lies inside the window`,
  `${gap} still growing UTC lies inside the window`,
  `${gap} to 09:02:42.198 UTC: filled from the venue's history`,
  `${gap} to 09:02:42.198 UTC: the sum is right now`,
  `${gap} to 09:02:42.198 UTC: the venue itself has no trades with these ids`,
  `the minute 09:02:00.000 UTC differs from the venue's candle: ${minute}`,
  "1 trade came from the venue's history alone",
  'what was received last cannot be written to the store at present',
  'the window is not over yet: the store has read until 09:00:41.000 UTC, 1 s are missing',
  'the venue lists the instrument at 09:00:00.000 UTC, inside or after the window',
  "the venue's list did not hold it as trading until 09:00:00.000 UTC",
  "the venue's list no longer holds it since 09:00:00.000 UTC",
  'the instrument was not traded in this window',
  'never recorded: no line covered this stream near the window and no trade of it is stored',
  '2 ids between those that are stored are missing, and no gap says why',
  'no line covered 09:00:00.000 to 09:00:01.000 UTC, and no id beyond it is known',
  'no line covered 09:00:00.000 to 09:00:01.000 UTC',
  'lines 0 and 1 both covered the whole window and agree on 5 trades',
  "line 0 covered the whole window unbroken, and what is stored of its 2 minutes equals the venue's own candles",
  "lines 0 and 1 covered the whole window unbroken, and what is stored of its 1 minute holds every trade of the venue's own pages",
  "1 minute of 2 not yet found equal to the venue's candles",
  "3 trades of the venue's history reached no line, though both were open",
  '1 trade of 5 reached one line only',
  'line 0 covered the whole window unbroken; no second line confirms it',
  'no single line covered the whole window, but together they left no hole',
  "this venue's ids do not prove completeness",
  "no trade was printed: the venue's ids go on without a hole across the window",
  "no trade was printed: the venue's ids go on without a hole across the window, or a line covered all of it",
  'no trade came in this window',
  'no id beyond 12:00:00.000 to 12:00:05.000 and 12:00:30.000 to 12:00:40.000 UTC is known yet; there lines 0 and 1 both covered the stream',
  "no id beyond 12:00:30.000 to 12:00:40.000 UTC is known yet; there line 0 covered the stream, and its minutes equal the venue's own",
  'no id beyond 12:00:30.000 to 12:00:40.000 UTC is known yet; there line 0 alone covered the stream',
  'no id beyond 12:00:30.000 to 12:00:40.000 UTC is known yet; there no single line covered the stream',
  'the ids of 5 trades follow each other without a hole',
  'never recorded: the settings ask for it, but no line has carried it',
  'never recorded: the settings do not ask for it',
  'never recorded: okx spot has no instrument of ABC that this recorder knows',
  'never recorded: no venue is set up and no instrument of ABC is known',
  'incomplete: okx:spot:A-USDT, okx:perp:A-USDT and 4 more (6 of 8 streams)',
  '+12.34 % from the price before the window; up to 0.81 % is usual',
  '9 trades within a second; up to 3 are usual',
  'the catalog does not know this stream',
  'the hours of this window are not sealed yet, and hot hours were not read',
  // Gaps: what was tried, and what came of it.
  'history gave 60 trades, 3 of them new, 1 could not be read (stopped after 20 pages)',
  'history gave 60 trades, 3 of them new; 12 ids are missing',
  "history gave 60 trades, 3 of them new; 12 ids are missing in the venue's history too",
  'history gave 5 trades, 5 of them new, for less than the gap is by now',
  'the trades that the venue gave at subscribing reach back before it',
  'the venue gives no history',
  'the venue gives its newest 60 trades only, which do not reach back to all of it',
  "the venue's history does not reach back to all of it",
  'all 3 missing ids came',
  'ids run on without a hole: 8, 9',
  '1 is the first id that a venue can give',
  'attempt 2: HTTP 429',
  'attempt 2: 1 page; the gap is still there',
  'attempt 2: 3 pages, the journal had no room for a page; the gap is still there',
  `attempt 1: 1 page, cancelled; ${minute}`,
  "the venue's history ended inside the gap after 1 page",
  "the venue's history ended inside the gap after 3 pages",
  'okx spot offers no history to fill it from',
  "the venue's history reached it until 2026-11-20T09:00:00.000000Z",
  "the venue's day changed while it was asked, so a page may have been of another day",
  "asked for 3 gaps together, and the venue's history ended inside them",
  'attempt 1: okx:spot has no history to ask for',
  'attempt 1: back-fill of SOL-USDT was cancelled after 3 pages',
  'attempt 1: okx:spot is not in the settings',
  'attempt 1: not recording: disk: 90 MiB free, recording needs 200 MiB',
  "1 trade of the venue's page had reached no line",
  "2 trades of the venue's page had reached no line",
  `${minute}: more is stored than the venue says`,
  'candle says nothing, stored 12.4 in 7 trades',
  `${minute}; 2 quantities are no plain decimal`,
  `${minute}; the volume is no plain decimal`,
  `${minute}; the venue has not closed this candle`,
  `${minute}; no line covered all of this minute, so nothing says that more should be stored`,
  `${minute}; a gap in this minute could not be filled, and without ids nothing says that the rest is whole`,
  'the page of the venue holds no trade, so it says nothing of what was before it',
  "not all of the venue's page could be read, so nothing is compared with it",
  `${sums}: not all of the venue's page could be read, so nothing is compared with it`,
  "the venue's page begins at 2026-11-20T09:00:00Z: what was printed from 2026-11-20T08:00:00Z until then was compared only as far as earlier pages did",
  'nothing to compare with: OKX SPOT',
  'automatic repair',
  'attempt 3: the store has not read the replies yet',
  'attempt 1: 1 page, what the venue gave ends before the gap does, and it may not have come so far yet; the gap is still there',
  'every open gap',
  'gap 8-29',
  '3 gaps',
  'gaps of all streams from 2026-11-20T09:00:00Z to 2026-11-20T10:00:00Z',
  'gaps of okx:spot to 2026-11-20T10:00:00Z',
  '3 gaps: 3 asked for, 1 repaired, 0 holes of the venue itself, 1 in part, 1 beyond reach',
  // Extracts and listings.
  'cancelled; nothing was written',
  "3 streams are compared with the venue's newest trades",
  "3 streams could not be compared with the venue's newest trades in 30 s",
  '1 open gap inside the window is being asked for',
  '3 open gaps inside the window are being asked for',
  '1 of 3 gaps were still open 30 s after they were asked for; a later repair writes a new version',
  'POD around 2026-11-21T12:49:15.000000Z: 7 trades, incomplete, in /DATA/POD',
  '7 trades, incomplete: okx:spot:A-USDT (1 of 3 streams)',
  'the window is over in 2 h 11 m',
  'late trades are waited for, 9 s more',
  'nothing is being recorded; the last record is of 2026-11-20T15:04:05.123456Z',
  'the store was still reading the journal of this window after 30 s',
  'the store is reading the last frames of the window',
  'a line has been silent since the window: waiting for its sign of life',
  'ABC: no new version after a repair: EACCES',
  'ABC: no automatic extract: collector is starting',
  'reading 3 streams',
  'writing the trades',
  'checking and drawing',
  'publishing the folder',
  'okx spot: 80 instruments appeared in one list at 2026-11-20T09:00:00.000000Z; they are recorded as the settings say, but not taken for listings',
  "okx:spot:SOL-USDT appeared in the venue's list",
  'cancelled while waiting',
  'cancelled while streams were compared',
  'cancelled while gaps were asked for',
  'the extract of ABC was cancelled; nothing was left behind',
  'the extract of ABC failed: EIO',
  'the extract of ABC could not be written to /DATA: ENOSPC',
  '9 trades were written, 8 counted; nothing was kept',
  'the folder "DATA" is not a full path; give one that begins at the root',
  'the folder /DATA cannot be created (EACCES); choose another folder or mend its permissions',
  'nothing can be written in /DATA (EACCES); choose another folder or mend its permissions',
  '/DATA/ABC has 99 versions; move some of them away',
  'name the coin to extract',
  'the window is empty: give seconds before or after',
  'there is no extract 8-29',
  'nobody waits for this extract any more; the job itself runs on',
  `${sums} is not recorded`,
  `${sums} is not compared by pages`,
  `${sums} could not be compared: EIO`,
  `${sums}: the store has not read the page yet`,
  // Lines and their lists.
  'no frame for 10000 ms',
  'no answer to a ping for 10000 ms',
  'the venue did not say within 10000 ms that it is ready',
  'halted: disk: 90 MiB free, recording needs 200 MiB',
  'stopped by hand',
  'renewed: age',
  'no frame since the renewal began (asked for)',
  'renewal failed: the server answered 503 instead of opening',
  '2 refused, SOL-USDT: not acknowledged',
  'behind: silent on 3 symbols that the other line delivers, SOL-USDT for one',
  'behind: brings less than half of what the other line brings',
  'nothing came of SOL-USDT until it was asked for again',
  'refused: 3 requests one after the other: HTTP 400',
  '3 symbols not acknowledged, SOL-USDT for one',
  'SOL-USDT, BTC-USDT, …: not acknowledged',
  'closed with 1006',
  'a message over 9 bytes, not recorded',
  'mode rehearsal',
  'closed with 1001 BYE',
  "not in the venue's list: ABC, DEF; 5 of 9 symbols carried, in the order of the settings: okx allows an address 10 connections of 100 symbols, 5 of them are for each line of this market",
  'no symbol of the venue matches the settings',
  '5 of 9 symbols carried, by turnover: okx allows an address 10 connections of 100 symbols, 5 of them are for each line of this market',
  "5 of 9 symbols carried, in the order of the venue's list (turnover is not known: HTTP 500): okx allows an address 10 connections of 100 symbols, 5 of them are for each line of this market",
  'symbol list: HTTP://OKX: no answer within 10000 ms',
  'symbol list: HTTP://OKX: reply is longer than 100 bytes',
  'symbol list: HTTP://OKX: cancelled',
  'symbol list: okx spot: page 3 is one that was read already',
  "symbol list: okx spot: the venue's list is empty; what is recorded stays until it says so for longer",
  "symbol list: okx spot: the venue's list holds only 3 of 90 symbols; what is recorded stays until it says so for longer",
  'the journal has no room left, for the disk takes nothing',
  'symbol list: the journal has no room for the symbol list',
  'symbol list: okx spot: list not read: no result within 60000 ms',
  'symbol list: okx spot: list not read: the thread ended with 1',
  'symbol list: no feed for okx spot',
  '2 pages could not be held',
  'the settings changed',
  'the clock of this computer was set forward',
  'silent while the connection before it delivers',
  'the computer slept',
  'no feed yet for OKX',
  // A recorder on another computer.
  'HTTP://OKX does not answer: ECONNREFUSED',
  'HTTP://OKX does not take this token',
  'HTTP://OKX refused with status 500',
  'HTTP://OKX answers, but not as a recorder of this version does',
  'the network is too slow for what the window asks',
  'the recorder sent what is no message',
  'the window closed its pipe',
  'the window shows another recorder',
  'the connection closed (1006)',
  // Why the recorder starts, leaves, or holds.
  'the host is leaving',
  'the host is gone',
  'an operator asked for a restart',
  'the simulated venues moved',
  'nobody asks',
  'it could not start',
  'the program that started the host is gone',
  'the session ends',
  'the app quits',
  'the computer shuts down',
  '5 unreadable bytes left in the last segment; 2 unreadable rows in LINES',
  '/DATA is already being written by process 7',
  '/DATA: several processes want to write this journal',
  '/DATA: the compressed copy does not read back the same',
  'journal segment 3 offset 99: checksum or header damaged',
  'journal segment 3 offset 99: record without its end',
  'journal segment 3 offset 99: segment header damaged',
  'journal segment 3 offset 99: compressed segment damaged: EIO',
  'journal segment 3 offset 99: frames 4 to 9 are not there',
  'journal segment 3 offset 99: the journal goes on at frame 9, 4 was read before',
  'journal segment 3 offset 99: segment 3 is not there: frames 4 to 9 are missing',
  'journal segment 3 offset 99: segment 3 is not there and the journal ends before it',
  'journal segment 3 offset 99: segment ends at 50, before its synced end',
  'journal segment 3 offset 99: position 60 lies behind the synced end 50',
  'journal segment 3 offset 99: position 60 lies behind the end of its segment, 50',
  'journal segment 3 offset 99: not copied to quarantine: EIO',
  // The store.
  'store ready at frame 8',
  'commits are refused: EIO',
  'the state of the streams cannot be read back (EIO)',
  'the hot hours are rebuilt from journal segment 3',
  `the catalog would not open (EIO); it was moved to /DATA ${hot}`,
  `the hot database would not open (EIO); it was moved to /DATA ${hot}`,
  `the hot database ended the store 3 times while opening; it was moved to /DATA ${hot}`,
  `${sums}: a trade of 17 has the id 5 of another trade of 16 and is not stored`,
  'a sealed file does not read and was put aside: /DATA',
  'a sealed file is not on disk any more: /DATA',
  '3 sealed files were not in the catalog and are again',
  'hour 2026-11-20T09:00:00.000000Z could not be sealed: EIO',
  'hour 2026-11-20T09:00:00.000000Z could not be compacted: EIO',
  'hour 2026-11-20T09:00:00.000000Z: stream 3 is not in the catalog; its rows stay hot',
  '/DATA: 3 rows were written, 2 read back; the file is removed and the hour stays hot',
  'more than 1000 hot rows came since the last question; ask again for the rest',
  'the disk is failed: sealed hours only; 12 trades of sealed hours are still hot and not among them',
  // The disk ladder.
  '90 MiB free, below the 200 MiB at which recording stops; free some space and it goes on by itself',
  '90 MiB free, below the 200 MiB at which recording stops; free some space and it goes on by itself (the recorder did not answer: collector is being restarted)',
  'space is back, but recording could not resume: collector does not run in this mode',
  '900 MiB free: recording resumed',
  '300 MiB free: the raw log is not kept (5 MiB removed just now)',
  '300 MiB free, less than the 400 MiB of the warning mark',
  'the disk of /DATA cannot be used: EIO',
  'the disk is halted (90 MiB free, less than the 400 MiB of the warning mark): sealed hours only',
  'the disk is failed: sealed hours only',
  // Alerts and processes.
  "this computer's clock is 800 ms ahead of the venues'",
  "this computer's clock is 800 ms behind the venues'",
  '9 frames that no decoder could read went to quarantine within ten minutes',
  'it does not start',
  'it ended',
  'no word from collector for 9 s',
  'what is received is safe on disk only after 900 ms (p99)',
  'every line is waiting',
  'waiting: renewal failed: closed with 1006',
  'connecting: HTTP 503',
  'stopped',
  'the store is 90 s behind the journal; what was received is safe, but not to be queried yet',
  `3 unrepaired; the first that can soon not be asked for any more: ${sums}`,
  "3 gaps ended within ten minutes without all of their trades; in all 2 filled in part and 1 out of the venue's reach: see the missing ones under Gaps",
  'ended with code 1: ERROR',
  'ended with SIGKILL',
  'code 1',
  'ended 5 times before it was ready, last with code 1: ERROR',
  'unresponsive: no sign of life for 12 s',
  'collector is held: ended 5 times before it was ready, last with SIGKILL',
  'store has 512 requests unanswered; GAPS was not sent',
  'store ended (SIGKILL) before it answered',
];

const READING =
  'Only one statement that reads is run here: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN of one.';

/** Why a request failed. Names of requests, places in settings and what stands in quotes stay as they are. */
const failed: readonly string[] = [
  // The link, the router, and who is to answer.
  'gaps.list: the link to the host was lost',
  'gaps.list: there is no link to the host',
  'gaps.list: no answer within 17 s',
  "gaps.list: the host's answer is not in the agreed shape: ZOD",
  'gaps.list was cancelled',
  'gaps.list failed: EIO',
  'gaps.list was answered with something else: ZOD',
  'gaps.list: LIMIT: ZOD',
  'desktop.attach is answered by desktop, which is not part of this host',
  'analyst did not answer analysis.bars within 15000 ms',
  'there is no request named "gaps.mend"',
  'the host does not answer gaps.mend',
  'the desktop does not answer desktop.mend',
  'store does not answer gaps.list yet',
  'request 7 is still running',
  '256 requests are unanswered',
  'this screen is not shown by a desktop',
  'collector does not start: ended 5 times before it was ready, last with SIGKILL',
  'the analyst does not start: no reason given',
  'the analyst is not up yet',
  'the analyst is not up yet (ended with SIGKILL)',
  'store does not run in mode none',
  'store is held: ended 5 times before it was ready, last with code 1: ERROR',
  'nothing is recorded yet: choose live venues or a rehearsal',
  // Settings and folders.
  'settings cannot be changed in mode rehearsal: in a rehearsal the settings come with the simulated venues',
  'settings cannot be changed in mode offline: the data folder is only read, nothing is recorded by these settings',
  'settings cannot be written to /DATA: EACCES',
  'the settings in force cannot be kept in /DATA: EACCES',
  'settings file /DATA cannot be read: EACCES',
  'settings file /DATA is not JSON: UNEXPECTED',
  'there is no older version named "older.json"',
  'the version 20261120 cannot be read: EACCES',
  'this host has no desktop to open /DATA on',
  '/DATA is not a folder of /TOP',
  '/DATA cannot be opened: EACCES',
  'data folder /DATA does not exist; record into it first, or choose another folder with --data',
  'data folder /DATA is a file, not a folder; choose another folder with --data',
  'data folder /DATA is not writable for this user (EACCES); change its permissions or choose another folder with --data',
  'data folder /DATA lies on a read-only disk; mount it writable or choose another folder with --data',
  'data folder /DATA lies on a full disk (ENOSPC); free some space or choose another folder with --data',
  'data folder /DATA cannot be made: a part of the path is a file; choose another folder with --data',
  'data folder /DATA cannot be used: EIO; choose another folder with --data',
  'data folder /DATA holds simulated trades; real ones must not be mixed in: choose another folder with --data',
  'data folder /DATA holds real trades; simulated ones must not be mixed in: choose another folder with --data',
  'unknown key "lnes" in venues.upbit; did you mean "lines"?',
  'unknown key "lnes" in venues.upbit',
  'unknown key "vnues"; did you mean "venues"?',
  'unknown key "MARKET" in venues.upbit.symbols; did you mean "quote"?',
  'venues.upbit: 7 must be an object',
  'the file: 7 must be an object',
  'venues.upbit.markets: array is missing',
  'venues.upbit.markets[0]: "sport" is none of "spot", "perp", "stock"; did you mean "spot"?',
  'venues.upbit.markets[0]: 7 is none of "spot", "perp", "stock"',
  'version: 2 must be 1',
  'venues.upbit.lines: 3 must be 1 or 2',
  'venues.upbit.symbols: 7 must be "all", a list like ["BTCUSDT"], {"quote": ["USDT"]} or {"coin": ["BTC"]}',
  'venues.upbit.symbols: [] must name at least 1',
  'venues.upbit.addresses: ["a","b","c"] must name at most 2',
  'retention.rawDays: -1 must be at least 0',
  'retention.rawDays: 999 must be at most 365',
  'venues.upbit.addresses[0]: "here" must be an IPv4 or IPv6 address of this machine',
  'venues.upbit.addresses: ["a","a"] the two addresses must differ',
  'venues.upbit.endpoints.spot.ws: "here" must begin with ws:// or wss://',
  'venues.upbit.markets[0]: upbit perp is not recorded by this version; it records okx (spot, perp) and upbit (spot)',
  'venues.upbit.symbols[0]: "A,B" holds a blank, comma or quote; one name per entry',
  'venues.upbit.symbols[0]: "btc" is not written as the venue writes it; did you mean "BTC"?',
  'venues.upbit.symbols[1]: "BTC" is named twice',
  'disk.warnBytes: 5 must be more than disk.haltBytes (9): the warning comes before the halt',
  'settings: version: 2 must be 1; unknown key "vnues"; did you mean "venues"?; and 3 more',
  'settings: venues.upbit.symbols[0]: "A; B" holds a blank, comma or quote; one name per entry; venues.upbit.symbols[1]: "BTC" is named twice',
  'version: nothing must be 1',
  '/DATA/settings.json: venues.upbit.symbols[0]: "A,B" holds a blank, comma or quote; one name per entry',
  // A recorder on another computer.
  'this is no address of a recorder; it looks like https://recorder.example:8443',
  'a user name or password does not belong into the address; the token is asked for',
  'http://recorder.example:8443 is not encrypted: the token could be read on the way. Use https, or a tunnel to this computer (ssh -L 80:127.0.0.1:80)',
  'the token of http://recorder.example:8443 is missing; its host prints it when it is ready',
  'http://recorder.example:8443: the Host header names another host: "elsewhere"',
  'http://recorder.example:8443: requests from "http://elsewhere" are not let in',
  // Kept analyses and logs.
  'there is no saved analysis "mine"',
  'analyses.save: the folder of analyses could not be used: EACCES',
  '200 drafts are open; close some of them',
  '"xyz" is no place in the logs; read from the newest',
  // Lines by hand.
  'okx:spot:0 was stopped by hand; start it instead',
  'okx:spot:0 is connecting: it has nothing to change over from',
  'okx:spot:0 is waiting (renewal failed: closed with 1006): it has nothing to change over from',
  'okx:spot:1 renews just now; ask again when it is done',
  'okx:spot:0 is stopped already',
  'no other line carries all 80 symbols of okx:spot:0 just now: what is printed until it is started would be missing',
  'okx:spot:0 is not stopped',
  'there is no line okx:spot:9',
  // The store.
  'there is no repair 8-29',
  'name the coin that is listed',
  'there is no such extract',
  'the extract of ABC is not written yet',
  '/DATA has the format XML, which this version does not read',
  'the range from 9 to 8 µs is empty',
  'the archive could not be read: IO ERROR',
  'hours were sealed 5 times while the query ran; ask again',
  'hours were sealed 5 times while the query ran: IO ERROR; ask again',
  'hours were sealed 5 times while the snapshot was made; ask again',
  'the hot hours could not be given to the analyst: IO ERROR',
  'what was counted was read too long ago to be judged; read it again',
  'the cursor is not one that this store gave',
  // The analyst.
  'the cursor is not one that was given by analysis.ticks',
  'the page was not waited for',
  'the bars were not waited for',
  'nobody waits for the run any more',
  'nobody waits for the export any more',
  'ticks could not be read: IO ERROR',
  'the window ends before it begins',
  'bars of OKX SPOT SOL could not be made: IO ERROR',
  'a day was asked for: at most 31 days are counted by stream',
  '/DATA could not be counted: IO ERROR',
  'the analyst is leaving; ask again',
  '50 queries wait already; cancel some of them',
  '20 exports wait already; cancel some of them',
  'the rows of this result are no longer in memory; run the query again',
  'there is no run 8-29',
  'there is no export 8-29 since the analyst started',
  'cancelled before it began',
  'EXPLAIN has nothing to export',
  'stopped: less than 2 GB are left on the disk, and they belong to the recording',
  'parameters are named here: write $name instead of ? or $1',
  'no value was given for $COIN, $AT',
  'stopped after its time limit of 60 s; narrow the window or allow more time',
  'the analyst was stopped',
  'stopped: it needs more than the 768 MB that queries may use together; narrow the window, select fewer columns, aggregate earlier, or close older results',
  'refused: ACCESS. Statements read the tables of the archive only.',
  'files of the archive were replaced while the query ran; run it again (IO ERROR)',
  'the analyst ended while it ran; nothing that is recorded was touched',
  'stopped: a query did not stop within 2 s of being out of time, so the analyst was ended; recording went on',
  'stopped: a query did not stop within 2 s of being cancelled, so the analyst was ended; recording went on',
  'stopped: the analyst used 2000 MB of memory, more than its 1792 MB, and was ended; recording went on. Narrow the window, or build shorter texts and lists.',
  'stopped: the host is leaving',
  'stopped: mode rehearsal',
  'there is no statement in the text',
  'DuckDB gave no syntax tree for this statement',
  `DROP is refused. ${READING}`,
  `PIVOT is refused. ${READING} Write PIVOT inside a SELECT and name its values: SELECT * FROM (PIVOT ... ON ... IN (...) USING ...).`,
  `INSERT inside a statement is refused. ${READING}`,
  `2 statements were given. ${READING}`,
  "READ_CSV(...) is refused: statements read the tables of the archive, never files, the network or the engine's own state.",
  'GETENV(...) is refused: it does more than give a value.',
];

/** Given to these, a text goes to a log, to a program or into a failure that answers a request, not into a note. */
const elsewhere =
  /(?:^|\.)(?:fail|Error|info|warn|error|debug|run|rows|prepare|exec|query|catch|has|startsWith|includes|write|printAside)$/;
const failure = /(?:^|\.)fail$/;

interface Producer {
  readonly file: string;
  /** Its failures become notes too. */
  readonly failures?: true;
  /** Words of it that no screen shows as a note or a failure: logs, statements, keys, what only the command line or a browser's door asks for. */
  readonly unshown?: RegExp;
}

const producers: readonly Producer[] = [
  { file: 'src-main/base/net.ts', failures: true },
  { file: 'src-main/collector/connection.ts' },
  { file: 'src-main/collector/line.ts' },
  { file: 'src-main/collector/line-watch.ts' },
  { file: 'src-main/collector/list-poll.ts', failures: true },
  { file: 'src-main/collector/main.ts' },
  { file: 'src-main/collector/market.ts', unshown: /^connect …/ },
  { file: 'src-main/collector/notices.ts' },
  { file: 'src-main/collector/recorder.ts', failures: true },
  { file: 'src-main/collector/recovery.ts', failures: true },
  { file: 'src-main/collector/subscriptions.ts' },
  { file: 'src-main/collector/symbol-list.ts', failures: true },
  { file: 'src-main/collector/transports/web-socket.ts' },
  { file: 'src-main/journal/archive.ts', failures: true },
  { file: 'src-main/journal/batch.ts' },
  { file: 'src-main/journal/lock.ts', failures: true },
  { file: 'src-main/journal/reader.ts' },
  { file: 'src-main/journal/writer.ts', failures: true },
  { file: 'src-main/store/facts.ts', unshown: /^listed-at-once/ },
  { file: 'src-main/store/handlers.ts', failures: true },
  { file: 'src-main/store/intake.ts', unshown: /^journal-damage/ },
  { file: 'src-main/store/main.ts', unshown: /^Tapedeck …/ },
  { file: 'src-main/store/meter.ts' },
  { file: 'src-main/store/recovery.ts' },
  { file: 'src-main/store/jobs/disk.ts' },
  { file: 'src-main/store/jobs/extract.ts', failures: true },
  { file: 'src-main/store/jobs/extract-files.ts', failures: true },
  { file: 'src-main/store/jobs/listings.ts', failures: true },
  { file: 'src-main/store/jobs/page-judgement.ts' },
  { file: 'src-main/store/jobs/pages.ts', failures: true },
  { file: 'src-main/store/jobs/reconcile.ts' },
  { file: 'src-main/store/jobs/reconcile-minute.ts' },
  { file: 'src-main/store/jobs/recover.ts' },
  { file: 'src-main/store/jobs/repairs.ts', failures: true },
  { file: 'src-main/store/jobs/retention.ts' },
  { file: 'src-main/store/jobs/seal.ts' },
  { file: 'src-main/store/pipeline/doubt.ts' },
  { file: 'src-main/store/pipeline/gap-book.ts' },
  { file: 'src-main/store/pipeline/line-events.ts' },
  { file: 'src-main/store/pipeline/market-state.ts' },
  { file: 'src-main/store/pipeline/sequence.ts' },
  { file: 'src-main/store/warehouse/abnormal.ts' },
  { file: 'src-main/store/warehouse/coin.ts', failures: true, unshown: /^no stream |^any venue$/ },
  { file: 'src-main/store/warehouse/seal.ts', failures: true, unshown: /^symbol, event_us/ },
  { file: 'src-main/store/warehouse/snapshot.ts', failures: true },
  { file: 'src-main/store/warehouse/verdict.ts' },
  { file: 'src-main/store/warehouse/warehouse.ts' },
  { file: 'src-main/analyst/calendar.ts', failures: true },
  { file: 'src-main/base/parent-port.ts', failures: true },
  { file: 'src-main/desktop/desktop.ts', failures: true },
  { file: 'src-main/desktop/remote-pipe.ts', failures: true, unshown: /^Bearer / },
  { file: 'src-main/headless/main.ts' },
  { file: 'src-main/host/host.ts', failures: true, unshown: /^settings of the rehearsal/ },
  { file: 'src-main/host/on-demand.ts', failures: true },
  { file: 'src-main/host/supervised-child.ts', failures: true },
  { file: 'src-main/host/health/alert-rules.ts' },
  { file: 'src-main/host/health/health-watch.ts', unshown: /^alert: / },
  // These only answer requests.
  {
    file: 'src-main/host/router.ts',
    failures: true,
    unshown: / may not publish | in another shape: |subscriptions are open|^there is no event/,
  },
  { file: 'src-main/host/choice.ts', failures: true },
  { file: 'src-main/host/host-requests.ts', failures: true },
  { file: 'src-main/host/settings.ts', failures: true },
  { file: 'src-main/host/settings-versions.ts', failures: true },
  { file: 'src-main/host/data-folder.ts', failures: true },
  { file: 'src-main/host/analyses.ts', failures: true },
  { file: 'src-main/host/gate.ts', failures: true, unshown: /^the token is |open the address/ },
  { file: 'src-main/host/health/log-pages.ts', failures: true },
  { file: 'src-main/desktop/remote-address.ts', failures: true },
  { file: 'src-main/desktop/recorders.ts', failures: true },
  { file: 'src-main/collector/hand.ts', failures: true },
  { file: 'src-main/store/warehouse/queries.ts', failures: true, unshown: /event_us/ },
  { file: 'src-main/store/jobs/extract-series.ts', failures: true, unshown: /^venue, market|^read_csv/ },
  { file: 'src-main/analyst/bars.ts', failures: true, unshown: /event_us/ },
  { file: 'src-main/analyst/bounded.ts', failures: true },
  { file: 'src-main/analyst/exports.ts', failures: true },
  { file: 'src-main/analyst/history.ts', failures: true },
  { file: 'src-main/analyst/runs.ts', failures: true },
  { file: 'src-main/analyst/serve.ts', failures: true },
  { file: 'src-main/analyst/statement.ts', failures: true, unshown: /^an unnamed function$/ },
  { file: 'src-main/analyst/ticks.ts', failures: true, unshown: /event_us/ },
  { file: 'src-main/analyst/trouble.ts', failures: true },
  { file: 'src-main/analyst/watch.ts', failures: true },
  { file: 'src-renderer/link/client.ts', failures: true },
  { file: 'src-renderer/state/desktop.ts', failures: true },
];

/** Files whose failures no console is told, and why. */
const unheard: Readonly<Record<string, string>> = {
  'src-main/cli/': 'the command line says them in its own terminal',
  'src-main/rehearsal/': 'recipes and simulated venues, which a console does not ask for anything',
  'src-main/feeds/': "what a venue's REST says stays as it said it",
  'src-main/headless/': 'said in the terminal, before there is a host',
  'src-main/host/host-lock.ts': 'said before there is a host',
  'src-main/host/door.ts': 'said before there is a host, or to a program that asks over HTTP',
  'src-main/base/spent-log.ts': 'the collector writes it to its log and goes on',
  'src-main/collector/transports/dial.ts': 'a dial that was called off, heard by nobody but its line',
  'src-main/collector/rest.ts': "a venue's REST",
  'src-main/collector/candles.ts': 'asked for by the store, which compares something else then',
  'src-main/store/jobs/reconcile.ts': 'left for later by the comparison itself',
  'src-main/store/jobs/reconcile-jobs.ts': 'comparisons by name are asked for by the command line alone',
};

/** Words one after another, and not the names that code has for things. */
const sentence = /[a-z]{2,}[,:;)]? (?:[a-z]|$)|^ [a-z]{2,}/;

const statement = /^\(?(?:SELECT|WITH|INSERT|UPDATE|DELETE|CREATE|COPY) /;

describe('the reader of sources', () => {
  const source = [
    "import { note } from './a thing that is no sentence.ts'; // it's a comment with `ticks`",
    "const quoted = /'[/`]/.test(text) || a / b / c;",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text that holds a template.
    'note(`${plural(few, `the moon is ${far} km away`)}; it\\`s late`);',
    "log.warn({ few }, 'the moon is not there');",
  ].join('\n');

  it('finds every text, with the calls around it', () => {
    expect(literalsOf(source)).toEqual([
      { parts: ['./a thing that is no sentence.ts'], calls: [] },
      { parts: ['the moon is ', ' km away'], calls: ['note', 'plural'] },
      { parts: ['', '; it`s late'], calls: ['note'] },
      { parts: ['the moon is not there'], calls: ['log.warn'] },
    ]);
  });

  it('knows a text by its words, whatever stands between them', () => {
    const [, moon] = literalsOf(source);
    expect(moon && patternOf(moon).test('now the moon is 384400 km away')).toBe(true);
    expect(said.some((example) => moon && patternOf(moon).test(example))).toBe(false);
  });
});

const examples = [...said, ...failed];

/** What stays in a failure: what is quoted, addresses, names of requests, places and lines, options, and how something is written. */
const kept =
  /"[^"]*"|https?:\/\/\S+|wss?:\/\/|\b[a-z]+(?:[.:][\w-]+|\[\d+\])+|\b(?:version|upbit|okx|spot|perp)\b|--data|\$name|\(ssh [^)]*\)|\b(?:ms|true|false|https|DuckDB)\b/g;

describe('a sentence of the recorder', () => {
  it.each(said)('is Korean: %s', (english) => {
    const korean = koreanNote(english);
    expect(korean).toMatch(/[가-힣]/);
    expect(korean.replaceAll(/\b(?:okx|spot|perp|ms)\b/g, '')).not.toMatch(/[a-z]{2,}/);
  });

  it.each(failed)('of a request that failed is Korean: %s', (english) => {
    const korean = koreanNote(english);
    expect(korean).toMatch(/[가-힣]/);
    expect(korean.replaceAll(kept, '')).not.toMatch(/[a-z]{2,}/);
  });

  it.each(producers)('is among the examples, if it is of $file', ({ file, failures, unshown }) => {
    const literals = literalsOf(readFileSync(join(top, file), 'utf8'));
    expect(literals.length).toBeGreaterThan(0);
    const strange = literals
      .filter(({ parts }) => parts.some((part) => sentence.test(part)))
      .filter(({ calls }) => !calls.some((call) => elsewhere.test(call) && !(failures && failure.test(call))))
      .filter(({ parts }) => !statement.test(parts.join('…')) && !unshown?.test(parts.join('…')))
      .filter((literal) => !examples.some((example) => patternOf(literal).test(example)))
      .map(({ parts }) => parts.join('…'));
    expect(strange).toEqual([]);
  });

  it('that a request may fail with is looked for in every file that makes failures', () => {
    const heard = new Set(producers.filter(({ failures }) => failures).map(({ file }) => file));
    const makers = globSync('src-main/**/*.ts', { cwd: top })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => !/\.(?:test|fixture|bench)\.ts$/.test(file))
      .filter((file) => /\bfail\(\s*['`]/.test(readFileSync(join(top, file), 'utf8')));
    const unknown = makers.filter(
      (file) => !heard.has(file) && !Object.keys(unheard).some((one) => file.startsWith(one)),
    );
    expect(unknown).toEqual([]);
  });

  it('of a request that failed reaches the screen through the texts alone', () => {
    const shown = globSync('src-renderer/**/*.{ts,tsx}', { cwd: top })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => !file.includes('.test.') && !file.includes('.fixture.'))
      .filter((file) => /failure\??\.message|>\{issue\.message\}/.test(readFileSync(join(top, file), 'utf8')));
    expect(shown).toEqual([]);
  });
});
