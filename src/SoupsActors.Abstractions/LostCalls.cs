using Orleans.Runtime;

namespace SoupsActors;

/// <summary>Which failures of a call say nothing about the request, only about the way to the grain.</summary>
public static class LostCalls
{
    /// <summary>
    /// Whether the call may or may not have been carried out, and may be made again with the same operation id: the
    /// silo was not there, went away meanwhile, refused to take it, or did not answer in time.
    /// </summary>
    public static bool Is(Exception error) => error switch
    {
        OrleansConfigurationException => false,
        OrleansException or TimeoutException or EnumerationAbortedException => true,
        _ => false,
    };
}
