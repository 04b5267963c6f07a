/** Images and masks as pictures: windows, label colours, heat colours, overlays. */
package org.attunet.picture;
