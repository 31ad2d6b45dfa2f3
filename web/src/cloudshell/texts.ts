/** What operations and parameters are for, in AWS's own words (web/help-texts.ts). */
export interface HelpTexts {
  /** By the operation's name: "GetUser". */
  operations: Record<string, string>;
  /** By the structure's name and the member's: "GetUserRequest", "UserName". */
  members: Record<string, Record<string, string>>;
}
