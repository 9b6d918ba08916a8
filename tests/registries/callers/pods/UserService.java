package com.demo.api;

public interface UserService {
    /** The pod that answers. */
    String who();
}
