/**
 * Where an observation stands, as text of fixed width, so that a row can keep its newest few by joining texts and
 * cutting the end off, in SQL alone. Base 36: 5 digits of stream, 11 of version, 2 of position.
 */
export const placeWidth = 18;
/** How many a sighting keeps. */
export const placesKept = 20;

export interface Place {
  readonly stream: number;
  readonly version: number;
  readonly position: number;
}

export const writePlace = ({ stream, version, position }: Place): string =>
  digits(stream, 5) + digits(version, 11) + digits(position, 2);

const digits = (value: number, width: number): string => value.toString(36).padStart(width, "0");

export function readPlaces(text: string): Place[] {
  const places: Place[] = [];
  for (let at = 0; at + placeWidth <= text.length; at += placeWidth) {
    const part = (from: number, to: number): number => parseInt(text.slice(at + from, at + to), 36);
    places.push({ stream: part(0, 5), version: part(5, 16), position: part(16, 18) });
  }
  return places;
}
