import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Settings } from "../../shared/settings.ts";
import { temporary } from "../support/maildir.ts";

const known = ["data", "maildir", "threads", "log-level"];

test("a flag goes before a variable, a variable before the file, the file before the default", (t) => {
  const file = join(temporary(t), "tip.toml");
  writeFileSync(file, 'data = "from-file"\nmaildir = ["a", "b"]\nthreads = 3\nlog-level = "warn"\n');
  const all = new Settings({ config: file, data: "from-flag" }, { TIP_DATA: "from-variable", TIP_THREADS: "5" }, known);
  assert.equal(all.text("data"), "from-flag");
  assert.equal(all.whole("threads", 2, 1, 64), 5);
  assert.deepEqual(all.list("maildir"), ["a", "b"]);
  assert.equal(all.choice("log-level", ["info", "warn"], "info"), "warn");
  const variable = new Settings({}, { TIP_CONFIG: file, TIP_DATA: "from-variable", TIP_MAILDIR: "x, y" }, known);
  assert.equal(variable.text("data"), "from-variable");
  assert.deepEqual(variable.list("maildir"), ["x", "y"]);
  assert.equal(new Settings({ config: file }, {}, known).text("data"), "from-file");
  assert.equal(new Settings({}, {}, known).text("data"), undefined);
  assert.equal(new Settings({}, { TIP_DATA: "" }, known).text("data"), undefined);
});

test("what is wrong in the file or a value is named, with where it stands", (t) => {
  const directory = temporary(t);
  const file = join(directory, "tip.toml");
  const read = (text: string): Settings => {
    writeFileSync(file, text);
    return new Settings({ config: file }, {}, known);
  };
  assert.throws(() => new Settings({ config: join(directory, "none.toml") }, {}, known), {
    code: "config",
    message: /does not exist/,
  });
  assert.throws(() => read("data = \n"), { code: "config", message: /no TOML/ });
  assert.throws(() => read('daat = "x"\n'), { code: "config", message: /'daat'.*known are/ });
  assert.throws(() => read("data = 3\n").text("data"), { code: "config" });
  assert.throws(() => read("maildir = [1]\n").list("maildir"), { code: "config" });
  assert.throws(() => new Settings({ threads: "many" }, {}, known).whole("threads", 2, 1, 64), {
    code: "usage",
    message: /--threads.*1 to 64/,
  });
  assert.throws(() => new Settings({ logLevel: "loud" }, {}, known).choice("log-level", ["info"], "info"), {
    code: "usage",
  });
});
