// Original file: proto/tip/v1/link.proto

import type { Long } from '@grpc/proto-loader';

/**
 * How the agent fares; at most one a minute.
 */
export interface Health {
  /**
   * Mails seen but not yet in the ledger.
   */
  'backlog'?: (number | string | Long);
  'observations'?: (number | string | Long);
  'defects'?: (number | string | Long);
  /**
   * Directory entries refused: no regular file, or unreadable.
   */
  'refused'?: (number | string | Long);
  'redactions'?: (number | string | Long);
  'freeBytes'?: (number | string | Long);
  'lastError'?: (string);
}

/**
 * How the agent fares; at most one a minute.
 */
export interface Health__Output {
  /**
   * Mails seen but not yet in the ledger.
   */
  'backlog': (number);
  'observations': (number);
  'defects': (number);
  /**
   * Directory entries refused: no regular file, or unreadable.
   */
  'refused': (number);
  'redactions': (number);
  'freeBytes': (number);
  'lastError': (string);
}
