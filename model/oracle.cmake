# The oracle: judges traces with the model. Included by model/CMakeLists.txt where it exists.
if(NOT TARGET asyncselect_oracle)
    add_library(asyncselect_oracle STATIC
        trace.cpp oracle.cpp oracle_state.cpp judge.cpp judge_messages.cpp judge_network.cpp judge_calls.cpp
        judge_unobserved.cpp linearization.cpp follower.cpp allowed.cpp)
    target_link_libraries(asyncselect_oracle PUBLIC asyncselect_model PRIVATE Boost::headers asyncselect_warnings)
    # What they share, the observations above all, takes longer to compile than what each says.
    set_target_properties(asyncselect_oracle PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 4)
endif()

asyncselect_add_test(NAME oracle_test LABELS fast once SOURCES oracle_test.cpp oracle_events_test.cpp oracle_simulation_test.cpp
    LIBRARIES asyncselect_oracle)
asyncselect_add_test(NAME oracle_state_test LABELS fast once SOURCES oracle_state_test.cpp LIBRARIES asyncselect_oracle)
asyncselect_add_test(NAME unobserved_test LABELS fast once SOURCES unobserved_test.cpp LIBRARIES asyncselect_oracle)
asyncselect_add_test(NAME coverage_test LABELS fast once SOURCES coverage_test.cpp LIBRARIES asyncselect_oracle)
asyncselect_add_test(NAME linearization_test LABELS fast once SOURCES linearization_test.cpp LIBRARIES asyncselect_oracle)
asyncselect_add_test(NAME limits_test LABELS fast once SOURCES limits_test.cpp LIBRARIES asyncselect_oracle)
asyncselect_add_test(NAME follower_test LABELS fast once SOURCES follower_test.cpp LIBRARIES asyncselect_oracle)
asyncselect_add_test(NAME allowed_test LABELS fast once SOURCES allowed_test.cpp LIBRARIES asyncselect_oracle)
