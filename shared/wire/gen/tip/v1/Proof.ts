// Original file: proto/tip/v1/link.proto


export interface Proof {
  'header'?: (Buffer | Uint8Array | string);
  'signature'?: (Buffer | Uint8Array | string);
}

export interface Proof__Output {
  'header': (Buffer);
  'signature': (Buffer);
}
