// A frame is one message as received. These codes are written to disk: numbers are never reused.

/** How a frame came: pushed by the venue, or asked for to fill a gap. */
export const Origin = { live: 0, backfill: 1 } as const;
export type Origin = (typeof Origin)[keyof typeof Origin];

/** data: bytes from a venue, unread. control: our own JSON about lines and the recorder (see ControlRecord in journal/control). */
export const RecordKind = { data: 0, control: 1 } as const;
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** What a decoder says of a frame. trades: holds trades. control: acks, pongs, errors. other: another channel. quarantine: unreadable, or a format no longer sent. */
export const frameKinds = ['trades', 'control', 'other', 'quarantine'] as const;
export type FrameKind = (typeof frameKinds)[number];
