// IAM Access Analyzer's ValidatePolicy, for which the console has a call of its own
// and no module of the SDK. Its schemas are written here as the SDK writes them.
import type { Service } from "./command";

const text = 0;
const number = 1;
const structure = (name: string, members: Record<string, unknown>, required = 0) => [3, "accessanalyzer", name, 0, Object.keys(members), Object.values(members), required];
const list = (name: string, member: unknown) => [1, "accessanalyzer", name, 0, member];

const position = structure("Position", { line: number, column: number, offset: number });
const span = structure("Span", { start: position, end: position });
const element = structure("PathElement", { index: number, key: text, substring: structure("Substring", { start: number, length: number }), value: text });
const place = structure("Location", { path: list("PathElementList", element), span });
const finding = structure("ValidatePolicyFinding", {
  findingDetails: text, findingType: text, issueCode: text, learnMoreLink: text, locations: list("LocationList", place),
});
const request = structure("ValidatePolicyRequest", { policyDocument: text, policyType: text, locale: text, validatePolicyResourceType: text }, 2);
const response = structure("ValidatePolicyResponse", { findings: list("ValidatePolicyFindingList", finding) });

interface Request {
  policyDocument: string;
  policyType: string;
  validatePolicyResourceType?: string;
}

class ValidatePolicyCommand {
  constructor(readonly input: Request) {}
}

/** The service, by a way to ask for the findings of a policy. */
export function analyzer(validate: (document: string, type: string, resourceType?: string) => Promise<unknown[]>): Service {
  return {
    module: { ValidatePolicyCommand, ValidatePolicy$: [9, "accessanalyzer", "ValidatePolicy", 0, request, response] },
    client: {
      async send(command) {
        const { policyDocument, policyType, validatePolicyResourceType } = (command as ValidatePolicyCommand).input;
        return { findings: await validate(policyDocument, policyType, validatePolicyResourceType) };
      },
    },
  };
}
