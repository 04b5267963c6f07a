/** The part of MONAI Label's REST API that its clients for 3D Slicer and OHIF need, over a data set on disk. */
@NullMarked
package org.attunet.server.monai;

import org.jspecify.annotations.NullMarked;
