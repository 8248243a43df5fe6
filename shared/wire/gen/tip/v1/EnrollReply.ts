// Original file: proto/tip/v1/link.proto


export interface EnrollReply {
  /**
   * The name under which the hub's admin invited this agent.
   */
  'name'?: (string);
  'role'?: (string);
}

export interface EnrollReply__Output {
  /**
   * The name under which the hub's admin invited this agent.
   */
  'name': (string);
  'role': (string);
}
