/** What a trained model is, apart from its weights: network, preprocessing, labels. */
package org.attunet.bundle;
