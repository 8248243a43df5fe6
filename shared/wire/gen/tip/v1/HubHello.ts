// Original file: proto/tip/v1/link.proto


export interface HubHello {
  'release'?: (string);
  'protocol'?: (number);
}

export interface HubHello__Output {
  'release': (string);
  'protocol': (number);
}
