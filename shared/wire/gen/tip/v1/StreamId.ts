// Original file: proto/tip/v1/batch.proto


/**
 * A stream is the chain of batches of one agent and incarnation.
 */
export interface StreamId {
  /**
   * SHA-256 of the agent's first public key, 32 bytes.
   */
  'agent'?: (Buffer | Uint8Array | string);
  /**
   * Drawn at random when a ledger is begun, 16 bytes.
   */
  'incarnation'?: (Buffer | Uint8Array | string);
}

/**
 * A stream is the chain of batches of one agent and incarnation.
 */
export interface StreamId__Output {
  /**
   * SHA-256 of the agent's first public key, 32 bytes.
   */
  'agent': (Buffer);
  /**
   * Drawn at random when a ledger is begun, 16 bytes.
   */
  'incarnation': (Buffer);
}
