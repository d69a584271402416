namespace Mlops.Serving;

/// <summary>What waits for a slot of a <see cref="ComputeBudget"/>.</summary>
internal interface IComputeClient
{
    /// <summary>Gives the slot that was waited for. It must return at once and take no lock: whoever gives a slot back may hold one of its own.</summary>
    void OnSlot();
}
