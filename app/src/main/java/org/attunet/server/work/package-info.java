/** The server without HTTP: models, the queue in front of them, segmentation from files to files, jobs on disk. */
@NullMarked
package org.attunet.server.work;

import org.jspecify.annotations.NullMarked;
