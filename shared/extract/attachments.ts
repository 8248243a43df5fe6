import type { Observation } from "../observation.ts";
import { observationLimits } from "../observation-limits.ts";
import type { Content } from "./content.ts";
import type { Gate } from "./gate.ts";

/** Their part of what an observation may have, in UTF-8 bytes (L11). */
const budget = 6000;
const overhead = 60;

/** RFC 6838, 4.2, in lower case as the parser gives it. */
const typeGrammar = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

export function readAttachments(
  content: Content,
  gate: Gate,
  defects: Set<string>,
): NonNullable<Observation["attachments"]> {
  let left = budget;
  const kept: NonNullable<Observation["attachments"]> = [];
  for (const { name, type, sniffed, size, sha256, small } of content.attachments) {
    // A parser that could not hash it gives none: such an entry would be no indicator.
    if (!/^[0-9a-f]{64}$/.test(sha256)) continue;
    // Its hash would be that of a trap's address, or of little more: whoever guesses the address can tell.
    if (gate.whole(sha256) === undefined || (small !== undefined && gate.whole(small) === undefined)) {
      defects.add("attachment-withheld");
      continue;
    }
    const shownName = gate.text(name, 255);
    const shownType = typeGrammar.test(type) && type.length <= 127 ? gate.whole(type) : undefined;
    left -= overhead + Buffer.byteLength(shownName ?? "") + Buffer.byteLength(shownType ?? "");
    if (left < 0 || kept.length >= observationLimits.attachments) {
      defects.add("attachments-cut");
      break;
    }
    kept.push({
      ...(shownName && { name: shownName }),
      ...(shownType && { type: shownType }),
      ...(sniffed && { sniffed }),
      size,
      sha256,
    });
  }
  return kept;
}
