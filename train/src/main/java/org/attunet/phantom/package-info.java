/** Seeded synthetic abdominal CT slices whose pancreas is known: data for demonstrations and tests without a download. */
package org.attunet.phantom;
