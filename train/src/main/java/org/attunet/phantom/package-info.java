/** Seeded synthetic abdominal CT slices with known pancreas: data for demonstrations and tests without a download. */
package org.attunet.phantom;
