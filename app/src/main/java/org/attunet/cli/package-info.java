/** One thin class for each command: parses, calls the library, prints. */
package org.attunet.cli;
