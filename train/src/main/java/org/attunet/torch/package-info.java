/** Networks on libtorch: their weights and the interpretation of their definition that computes. */
package org.attunet.torch;
