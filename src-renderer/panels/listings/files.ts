// The files of an extract and where a browser gets them.
import type { Manifest } from '../../../src-shared/market/listing.ts';
import { baseName } from '../../parts/format.ts';

export const REPORT = 'report.html';
export const MANIFEST = 'manifest.json';

export interface ExtractFile {
  readonly path: string;
  readonly kind: 'trades' | 'manifest' | 'report';
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
}

export function filesOf(manifest: Manifest): ExtractFile[] {
  const beside = (path: string, kind: ExtractFile['kind']): ExtractFile => ({
    path,
    kind,
    rows: null,
    bytes: null,
    sha256: null,
  });
  return [
    beside(REPORT, 'report'),
    ...manifest.files.map(({ path, rows, bytes, sha256 }) => ({
      path,
      kind: 'trades' as const,
      rows,
      bytes: bytes ?? null,
      sha256,
    })),
    beside(MANIFEST, 'manifest'),
  ];
}

/** The address of a file of an extract on this host. */
export function fileAddress(folder: string, path: string): string {
  return `/exports/${encodeURIComponent(baseName(folder))}/${path.split('/').map(encodeURIComponent).join('/')}`;
}
