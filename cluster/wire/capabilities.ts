/** What client and server say of each other in the handshake. Source: MySQL's capability flags. */
export const CAPABILITY = {
  longPassword: 1 << 0,
  longFlag: 1 << 2,
  connectWithDatabase: 1 << 3,
  localFiles: 1 << 7,
  protocol41: 1 << 9,
  interactive: 1 << 10,
  ssl: 1 << 11,
  transactions: 1 << 13,
  secureConnection: 1 << 15,
  multiStatements: 1 << 16,
  multiResults: 1 << 17,
  preparedMultiResults: 1 << 18,
  pluginAuth: 1 << 19,
  connectAttributes: 1 << 20,
  lenencAuthData: 1 << 21,
  deprecateEof: 1 << 24,
} as const;

/**
 * Everything this server can do. Not: TLS, compression, LOCAL INFILE, query attributes, and
 * CLIENT_FOUND_ROWS: an UPDATE reports the rows it changed.
 */
export const SERVER_CAPABILITIES =
  CAPABILITY.longPassword |
  CAPABILITY.longFlag |
  CAPABILITY.connectWithDatabase |
  CAPABILITY.protocol41 |
  CAPABILITY.interactive |
  CAPABILITY.transactions |
  CAPABILITY.secureConnection |
  CAPABILITY.multiStatements |
  CAPABILITY.multiResults |
  CAPABILITY.preparedMultiResults |
  CAPABILITY.pluginAuth |
  CAPABILITY.connectAttributes |
  CAPABILITY.lenencAuthData |
  CAPABILITY.deprecateEof;

/** Flags that travel with OK and EOF. Source: MySQL's `SERVER_STATUS_…`. */
export const STATUS = {
  inTransaction: 1 << 0,
  autocommit: 1 << 1,
  moreResults: 1 << 3,
} as const;
