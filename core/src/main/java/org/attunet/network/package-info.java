/** Networks as they are published: configuration, layers and forward pass, stated once and read in several ways. */
package org.attunet.network;
