namespace Mlops.Models;

/// <summary>Is told when a hosted model begins to answer with another generation: monitors, which compare live data with its training data.</summary>
/// <remarks>Called in order and one at a time; it must be quick and must not wait for the host. What it throws is logged.</remarks>
public interface IModelSwapObserver
{
    /// <summary>Is told of a switch, and of every model that is served already when it begins to observe.</summary>
    /// <param name="swap">Which generation answered before, and which one answers now.</param>
    void OnSwapped(ModelSwap swap);
}
