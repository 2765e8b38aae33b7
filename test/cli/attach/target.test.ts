// What may be attached to: an address of http or https, with nothing secret in it.
import { expect, test } from "vitest";
import { targetAt } from "../../../cli/attach/target.ts";

test.each([
  ["http://127.0.0.1:9464", "http://127.0.0.1:9464/"],
  ["https://strm.example/clicks", "https://strm.example/clicks/"],
  ["https://strm.example/clicks/", "https://strm.example/clicks/"],
  ["HTTP://[::1]:9464/", "http://[::1]:9464/"],
  ["localhost:9464", "http://localhost:9464/"],
  ["10.0.0.7", "http://10.0.0.7/"],
])("%s is one", (given, base) => expect(targetAt(given, undefined).base.href).toBe(base));

test.each([
  "",
  "9464",
  ":9464",
  "http://",
  "http://a b/",
  "ftp://host/",
  "file:///etc/passwd",
  "http://user@host/",
  "http://user:PLANTED@host/",
  "http://host/?token=PLANTED",
  "http://host/#PLANTED",
  "host:99999",
])("%j is none", (given) => {
  expect(() => targetAt(given, undefined)).toThrow(expect.objectContaining({ code: "top.address" }));
  expect(() => targetAt(given, undefined)).not.toThrow(/PLANTED/);
});

test.each(["with a blank", "ünïcödé", "line\nbreak"])("the token %j is none", (token) => {
  expect(() => targetAt("http://host", token)).toThrow(expect.objectContaining({ code: "listen.token" }));
  expect(() => targetAt("http://host", token)).not.toThrow(token);
});
