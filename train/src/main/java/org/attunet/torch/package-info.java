/** The two Attention U-Nets and the plain U-Net, each in one file that reads top to bottom like its paper. */
package org.attunet.torch;
