// A child that takes every file descriptor that it may have, and lives on.
import { openSync } from 'node:fs';
import { openParentPort } from './parent-port.ts';
import { rssBytes } from './resident.ts';

const port = openParentPort('store');
rssBytes();
try {
  for (;;) openSync('/dev/null', 'r');
} catch (error) {
  // EMFILE: there is none left.
  process.stderr.write(String(error));
}
port.ready();
