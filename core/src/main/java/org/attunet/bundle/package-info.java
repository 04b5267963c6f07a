/** The description of a trained model (network, preprocessing, labels) and its bundles for the BioImage Model Zoo. */
package org.attunet.bundle;
