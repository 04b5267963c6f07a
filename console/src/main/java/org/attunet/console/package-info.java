/** What the programs share in front of people: the frame of a command line, results and messages, progress, failures. */
package org.attunet.console;
