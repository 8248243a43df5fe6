// Original file: proto/tip/v1/link.proto

import type { Tlp as _tip_v1_Tlp, Tlp__Output as _tip_v1_Tlp__Output } from '../../tip/v1/Tlp.ts';

export interface EnrollRequest {
  /**
   * The join token's one-time secret, 32 bytes.
   */
  'secret'?: (Buffer | Uint8Array | string);
  /**
   * Ed25519 public key, 32 bytes raw.
   */
  'publicKey'?: (Buffer | Uint8Array | string);
  /**
   * By that key, over "TIP-enroll-1\0" + hub id (32 bytes) + SHA-256 of the secret.
   */
  'signature'?: (Buffer | Uint8Array | string);
  /**
   * The agent's release, for the roster.
   */
  'release'?: (string);
  /**
   * The highest TLP that this agent gives the hub.
   */
  'tlp'?: (_tip_v1_Tlp);
}

export interface EnrollRequest__Output {
  /**
   * The join token's one-time secret, 32 bytes.
   */
  'secret': (Buffer);
  /**
   * Ed25519 public key, 32 bytes raw.
   */
  'publicKey': (Buffer);
  /**
   * By that key, over "TIP-enroll-1\0" + hub id (32 bytes) + SHA-256 of the secret.
   */
  'signature': (Buffer);
  /**
   * The agent's release, for the roster.
   */
  'release': (string);
  /**
   * The highest TLP that this agent gives the hub.
   */
  'tlp': (_tip_v1_Tlp__Output);
}
