// `@time`: when the event happened, as a number or as a text with its format.
import { diagnostic } from "../diagnostics/diagnostic.ts";
import { textOf } from "../spec/bind-scope.ts";
import { wrongArguments } from "./annotation.ts";
import type { Context } from "./context.ts";
import type { AnnotationRule, AnnotationUse } from "./contract-draft.ts";
import { faultOfTimeFormat, isTimeZone } from "./time-format.ts";

export const checkTime: AnnotationRule = (use, draft, context) => {
  const { listed, read } = use;
  const format = readText(use, "format", context);
  const zone = readText(use, "zone", context);
  if (format === "wrong" || zone === "wrong" || !checkType(use, context)) return;
  const fault = format === undefined ? undefined : faultOfTimeFormat(format);
  const refuse = (name: string, message: string, label: string, help: string): void => {
    const span = read.named.get(name)?.span ?? use.span;
    context.report(diagnostic("contract.time-format", span, message, { label, help }));
  };
  if (fault !== undefined) {
    refuse("format", `The format can't be read: ${fault.message}.`, "not a time format", fault.help);
  } else if (zone !== undefined && !isTimeZone(zone)) {
    const help = 'Write an IANA name, such as "Europe/Amsterdam", "America/New_York" or "UTC".';
    refuse("zone", `There is no time zone \`${zone}\`.`, "not a time zone", help);
  } else {
    draft.time = {
      path: listed.path,
      ...(format === undefined ? {} : { format }),
      ...(zone === undefined ? {} : { zone }),
    };
  }
};

function readText(
  { read }: AnnotationUse,
  name: "format" | "zone",
  context: Context,
): string | "wrong" | undefined {
  const value = read.named.get(name);
  if (value === undefined) return undefined;
  if (value.kind === "string") return textOf(value, context.scopeOf(value.span.file)) ?? "wrong";
  wrongArguments("time", value.span, `${name} is a text in quotes`, context);
  return "wrong";
}

function checkType({ listed, read, type, span }: AnnotationUse, context: Context): boolean {
  if (type === undefined) return true;
  const isNumber = type.scalar === "long" && !type.list && !type.insideList;
  const isText = type.scalar === "string" && !type.list && !type.insideList;
  if (!isNumber && !isText) {
    const message = `\`${listed.path}\` has the type ${type.text}${type.insideList ? " inside a list" : ""}, which can't hold a time.`;
    const help = 'Choose a long with epoch milliseconds, or a text with @time(format = "iso").';
    context.report(diagnostic("contract.time-type", listed.span, message, { label: type.text, help }));
    return false;
  }
  if (isText && !read.named.has("format")) {
    const message = `\`${listed.path}\` is a text, and nothing says in which format.`;
    const help = 'Add the format: @time(format = "iso"), or a pattern such as "yyyy-MM-dd HH:mm:ss".';
    context.report(diagnostic("contract.time-type", span, message, { label: "format is missing", help }));
    return false;
  }
  if (isNumber && read.named.size > 0) {
    const message = `\`${listed.path}\` is a number: epoch milliseconds, which need no format and no zone.`;
    const help = "Remove the arguments: @time";
    context.report(diagnostic("contract.time-format", span, message, { label: "for texts only", help }));
    return false;
  }
  return true;
}
