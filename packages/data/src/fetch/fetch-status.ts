/** What became of the download of one address. */
export type FetchStatus =
  | 'ok'
  /** An answer other than 200. */
  | `http_${number}`
  /** No connection, no answer or no end of it in time. */
  | 'timeout'
  /** The name has no address, or nobody could say. */
  | 'dns'
  /** The host, or the way to it, refused the connection. */
  | 'refused'
  /** The connection broke. */
  | 'reset'
  /** No secure connection: certificate, version. */
  | 'tls'
  /** The answer is no HTTP. */
  | 'protocol'
  /** Fewer bytes than announced. */
  | 'truncated'
  | 'empty'
  /** Packed in a way that was not asked for and is not known, or packed wrongly. */
  | 'encoding'
  /** The bytes begin like no image's: a page of excuses, mostly. */
  | 'not_image'
  | 'too_large'
  /** More redirects than allowed, or one that leads nowhere. */
  | 'redirects'
  /** The address of the host is private, loopback or otherwise not public. */
  | 'blocked_address'
  /** No http or https, or it carries a name and a password. */
  | 'blocked_url'
  | 'bad_url'
  /** X-Robots-Tag says no. */
  | 'robots'
  /** The bytes are not those that the row expects. */
  | 'hash_mismatch'
  /** Given up untried: the host's last images all failed. */
  | 'host_failing';

/** The end of one address's download. */
export interface FetchOutcome {
  readonly status: FetchStatus;
  /** Of the last answer; null when none came. */
  readonly httpCode: number | null;
  /** Bytes of the image, unpacked; null when there is none. */
  readonly bytes: number | null;
  /** Of these bytes, lower-case hexadecimal. */
  readonly sha256: string | null;
  /** As the host calls it. */
  readonly contentType: string | null;
  /** After the redirects. */
  readonly finalUrl: string | null;
  /** Relative to the data folder. */
  readonly path: string | null;
  /** Requests for this address, redirects not counted. */
  readonly tries: number;
  /** Spent on requests, waits in between not counted. */
  readonly ms: number;
}

/** Answers that may be others a moment later. */
const PASSING_CODES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

const PASSING: ReadonlySet<FetchStatus> = new Set<FetchStatus>([
  'timeout',
  'refused',
  'reset',
  'truncated',
]);

/** Returns whether another try may end otherwise. */
export function canPass(status: FetchStatus): boolean {
  if (status.startsWith('http_')) return PASSING_CODES.has(Number(status.slice(5)));
  return PASSING.has(status);
}

/** Returns whether a failure speaks against the host as a whole rather than one image. */
export function blamesHost(status: FetchStatus): boolean {
  return canPass(status) || status === 'dns' || status === 'tls' || status === 'protocol';
}

/** Returns the status of a system's, resolver's, TLS or parser's error. */
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
