import assert from "node:assert/strict";
import { test } from "node:test";
import { findLinks } from "../../../shared/extract/links.ts";

test("a name is not torn out of a longer word: a stranger would be blamed", () => {
  const { urls, emails } = findLinks("http://bücher.com/x mail jürgen@firma.de büro.de plain.comé café.com");
  assert.deepEqual(urls, ["http://bücher.com/x"]);
  assert.deepEqual(emails, []);
});

test("in a script that is written without spaces a name stands between its letters", () => {
  assert.deepEqual(findLinks("请访问shop.com查看 и a@shop.com").urls, ["http://shop.com"]);
  assert.deepEqual(findLinks("请联系a@shop.com谢谢").emails, ["a@shop.com"]);
});
