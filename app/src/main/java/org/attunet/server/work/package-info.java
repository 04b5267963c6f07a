/** What the server does, without HTTP: models, the queue to them, cases from files to files, jobs on disk. */
@NullMarked
package org.attunet.server.work;

import org.jspecify.annotations.NullMarked;
