// The address of a remote recorder as a person gives it. Promises: what comes out holds no token, no password and no path, and leads over
// an encrypted connection or to this computer itself, unless it was told otherwise.
import { fail, ok, type Result } from '../../src-shared/base/result.ts';
import { isLoopback } from '../host/gate.ts';

export interface RemoteAddress {
  /** Scheme, host and port alone. */
  readonly origin: string;
  /** The token that stood in the address. */
  readonly token: string | null;
}

/** Failures `remote.address`, `remote.insecure`. */
export function readRemoteAddress(text: string, insecure: boolean): Result<RemoteAddress> {
  const trimmed = text.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`);
  if (!url || url.hostname === '' || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return fail('remote.address', 'this is no address of a recorder; it looks like https://recorder.example:8443');
  }
  if (url.username !== '' || url.password !== '')
    return fail('remote.address', 'a user name or password does not belong into the address; the token is asked for');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol === 'http:' && !insecure && host !== 'localhost' && !isLoopback(host)) {
    return fail(
      'remote.insecure',
      `${url.origin} is not encrypted: the token could be read on the way. Use https, or a tunnel to this computer (ssh -L ${url.port || 80}:127.0.0.1:${url.port || 80})`,
    );
  }
  return ok({ origin: url.origin, token: url.searchParams.get('token') });
}
