// The members of a group as lines of text, one extension a line, and back:
//   10
//   10 = PJSIP/anna
//   10 = PJSIP/anna, SIP/anna2 (Anna Adler)
// Forgiving where it is clear what is meant (spaces, `:` or nothing for `=`, `;` for `,`), strict where it is not.

import type { Member } from "../../core/rule.ts";

export type MemberLineProblem =
  | { readonly kind: "extension" | "endpoint" | "name"; readonly value: string }
  | { readonly kind: "no-endpoint" | "endpoints-many" }
  | { readonly kind: "twice" | "endpoint-twice"; readonly value: string; readonly first: number };

export type MembersProblem =
  | { readonly line: number; readonly problem: MemberLineProblem }
  | { readonly line: undefined; readonly problem: { readonly kind: "members-many" } };

export type ParsedMembers =
  | { readonly members: readonly Member[] }
  | { readonly problems: readonly MembersProblem[] };

const mostMembers = 2000;
const mostEndpoints = 10;
const mostProblems = 10;
const longestName = 80;

/** Whatever stands before the first parenthesis, and the name up to the last one. */
const nameShape = /^([^(]*)\((.*)\)$/;
const headShape = /^([0-9*#+]{1,20})(?:\s*([=:])\s*|\s+|$)(.*)$/;
const endpointShape = /^[A-Za-z0-9]+\/[A-Za-z0-9_.+-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const controlCharacters = /[\u0000-\u001f\u007f]/;

const defaultEndpoint = (extension: string): string => `PJSIP/${extension}`;

type ParsedLine = { readonly member: Member } | { readonly problem: MemberLineProblem };

function parseLine(text: string): ParsedLine {
  const [, beforeName = text, name = ""] = nameShape.exec(text) ?? [];
  const head = headShape.exec(beforeName.trim());
  if (head === null) return { problem: { kind: "extension", value: text } };
  const [, extension = "", sign, between = ""] = head;
  const endpoints = between.split(/[\s,;]+/).filter((endpoint) => endpoint !== "");
  if (sign !== undefined && endpoints.length === 0) return { problem: { kind: "no-endpoint" } };
  const wrong = endpoints.find((endpoint) => !endpointShape.test(endpoint) || endpoint.length > 80);
  if (wrong !== undefined) return { problem: { kind: "endpoint", value: wrong } };
  if (endpoints.length > mostEndpoints) return { problem: { kind: "endpoints-many" } };
  if (name.length > longestName || controlCharacters.test(name))
    return { problem: { kind: "name", value: name } };
  return {
    member: {
      extension,
      name: name.trim(),
      endpoints: endpoints.length > 0 ? [...new Set(endpoints)] : [defaultEndpoint(extension)],
    },
  };
}

/** All problems at once (the first ten), each with its line, counted from 1. */
export function parseMembers(text: string): ParsedMembers {
  const members: Member[] = [];
  const problems: MembersProblem[] = [];
  const lineOfExtension = new Map<string, number>();
  const lineOfEndpoint = new Map<string, number>();

  const repeated = (member: Member): MemberLineProblem | undefined => {
    const first = lineOfExtension.get(member.extension);
    if (first !== undefined) return { kind: "twice", value: member.extension, first };
    for (const endpoint of member.endpoints) {
      const taken = lineOfEndpoint.get(endpoint);
      if (taken !== undefined) return { kind: "endpoint-twice", value: endpoint, first: taken };
    }
    return undefined;
  };

  text.split(/\r\n|\r|\n/).forEach((raw, index) => {
    const lineText = raw.trim();
    const line = index + 1;
    if (lineText === "" || problems.length >= mostProblems) return;
    const parsed = parseLine(lineText);
    const problem = "problem" in parsed ? parsed.problem : repeated(parsed.member);
    if (problem !== undefined) problems.push({ line, problem });
    if ("problem" in parsed) return;
    const { member } = parsed;
    if (!lineOfExtension.has(member.extension)) lineOfExtension.set(member.extension, line);
    for (const endpoint of member.endpoints)
      if (!lineOfEndpoint.has(endpoint)) lineOfEndpoint.set(endpoint, line);
    members.push(member);
  });
  if (members.length > mostMembers) problems.push({ line: undefined, problem: { kind: "members-many" } });
  return problems.length > 0 ? { problems } : { members };
}

/** The shortest lines that mean these members. */
export const membersText = (members: readonly Member[]): string => members.map(memberLine).join("\n");

function memberLine({ extension, name, endpoints }: Member): string {
  const isDefault = endpoints.length === 1 && endpoints[0] === defaultEndpoint(extension);
  return [
    extension,
    ...(isDefault ? [] : ["=", endpoints.join(", ")]),
    ...(name === "" ? [] : [`(${name})`]),
  ].join(" ");
}
