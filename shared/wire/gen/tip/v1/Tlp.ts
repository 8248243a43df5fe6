// Original file: proto/tip/v1/batch.proto

/**
 * The Traffic Light Protocol (FIRST TLP 2.0) of a section: how far it may travel.
 */
export const Tlp = {
  TLP_UNSPECIFIED: 'TLP_UNSPECIFIED',
  TLP_GREEN: 'TLP_GREEN',
  TLP_AMBER: 'TLP_AMBER',
} as const;

/**
 * The Traffic Light Protocol (FIRST TLP 2.0) of a section: how far it may travel.
 */
export type Tlp =
  | 'TLP_UNSPECIFIED'
  | 0
  | 'TLP_GREEN'
  | 1
  | 'TLP_AMBER'
  | 2

/**
 * The Traffic Light Protocol (FIRST TLP 2.0) of a section: how far it may travel.
 */
export type Tlp__Output = typeof Tlp[keyof typeof Tlp]
