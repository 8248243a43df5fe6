// Original file: proto/tip/v1/link.proto


/**
 * A sentence for the admin on the other side.
 */
export interface Notice {
  'code'?: (string);
  'text'?: (string);
}

/**
 * A sentence for the admin on the other side.
 */
export interface Notice__Output {
  'code': (string);
  'text': (string);
}
