/** The parts of a command line that both programs share: root command, results, messages, progress and failures. */
package org.attunet.console;
