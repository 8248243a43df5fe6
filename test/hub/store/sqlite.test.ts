import { storeContract } from "./contract.ts";
import { Scratch } from "./scratch.ts";

const scratch = new Scratch();
storeContract("SQLite in threads", () => scratch.store());
