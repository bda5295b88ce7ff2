/** Outcome of one address. */
export type FetchStatus =
  | 'ok'
  /** A response other than 200. */
  | `http_${number}`
  /** The connection, the response or its end took too long. */
  | 'timeout'
  /** The name has no address, or could not be looked up. */
  | 'dns'
  /** The host refused the connection, or cannot be reached. */
  | 'refused'
  /** The connection broke. */
  | 'reset'
  /** The secure connection failed: certificate, protocol version. */
  | 'tls'
  /** The response is not HTTP. */
  | 'protocol'
  /** Fewer bytes than announced. */
  | 'truncated'
  | 'empty'
  /** Compressed in an unknown way, or damaged. */
  | 'encoding'
  /** The first bytes are not those of an image: mostly an error page. */
  | 'not_image'
  | 'too_large'
  /** Too many redirects, or one without a usable target. */
  | 'redirects'
  /** The address of the host is private, loopback or otherwise not public. */
  | 'blocked_address'
  /** Neither http nor https, or with a user name or password. */
  | 'blocked_url'
  | 'bad_url'
  /** Forbidden by X-Robots-Tag. */
  | 'robots'
  /** The bytes do not have the sha256 of the row. */
  | 'hash_mismatch'
  /** Skipped: the last images of its host all failed. */
  | 'host_failing';

/** The end of one download. */
export interface FetchOutcome {
  readonly status: FetchStatus;
  /** Status code of the last response; null without one. */
  readonly httpCode: number | null;
  /** Size of the image in bytes, decompressed; null without one. */
  readonly bytes: number | null;
  /** sha256 of these bytes, lower-case hexadecimal. */
  readonly sha256: string | null;
  /** The Content-Type header. */
  readonly contentType: string | null;
  /** The address after all redirects; null without one. */
  readonly finalUrl: string | null;
  /** Path of the image, relative to the data folder. */
  readonly path: string | null;
  /** Requests for this address, redirects not counted. */
  readonly tries: number;
  /** Time of the requests in ms, without the waits in between. */
  readonly ms: number;
}

/** Status codes of transient failures. */
const PASSING_CODES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

const PASSING: ReadonlySet<FetchStatus> = new Set<FetchStatus>([
  'timeout',
  'refused',
  'reset',
  'truncated',
]);

/** Returns whether a failure is transient, so that a retry may succeed. */
export function canPass(status: FetchStatus): boolean {
  if (status.startsWith('http_')) return PASSING_CODES.has(Number(status.slice(5)));
  return PASSING.has(status);
}

/** Returns whether a failure is due to the host rather than to one image. */
export function blamesHost(status: FetchStatus): boolean {
  return canPass(status) || status === 'dns' || status === 'tls' || status === 'protocol';
}

/** Returns the status for the code of an error of the system, the resolver, TLS or the parser. */
export function statusOfError(code: string): FetchStatus {
  switch (code) {
    case 'EBLOCKED':
      return 'blocked_address';
    case 'ETIMEDOUT':
      return 'timeout';
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EACCES':
    case 'EINVAL':
      return 'refused';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
      return 'dns';
    case 'ECONNRESET':
    case 'ECONNABORTED':
    case 'EPIPE':
      return 'reset';
    default:
      if (code.startsWith('HPE_')) return 'protocol';
      if (/TLS|SSL|CERT|SIGNATURE|EPROTO|HANDSHAKE|ISSUER/.test(code)) return 'tls';
      return 'reset';
  }
}
