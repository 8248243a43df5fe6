// Original file: proto/tip/v1/batch.proto

/**
 * How a section's body is compressed.
 */
export const Codec = {
  CODEC_UNSPECIFIED: 'CODEC_UNSPECIFIED',
  CODEC_BROTLI: 'CODEC_BROTLI',
} as const;

/**
 * How a section's body is compressed.
 */
export type Codec =
  | 'CODEC_UNSPECIFIED'
  | 0
  | 'CODEC_BROTLI'
  | 1

/**
 * How a section's body is compressed.
 */
export type Codec__Output = typeof Codec[keyof typeof Codec]
