using Mlops.Models;

namespace Mlops.Serving;

/// <summary>What the callers of a hosted model rely on: what the typed ones demand, and whatever the versions that have served said of their inputs and outputs.</summary>
/// <remarks>A size, columns or classes that one version names and the next one leaves open still hold for the one after it. Safe for concurrent use.</remarks>
internal sealed class CallerContract
{
    private readonly Lock _lock = new();
    private readonly HashSet<ModelSignature> _demands = [];
    private readonly HashSet<ModelSignature> _untried = [];
    private volatile ModelSignature? _signature;

    /// <summary>Gets the signature that callers rent their batches from; <see langword="null"/> before a version has served.</summary>
    public ModelSignature? Signature => _signature;

    /// <summary>Why a version is refused that callers cannot call.</summary>
    /// <param name="incompatibility">What keeps them from it.</param>
    public string Unfit(string incompatibility)
        => $"its callers could not call it: {incompatibility}. " + (_signature is null // Nothing has served: wrong are the types that it was added with.
            ? $"{TypedMisfit.Remedy}; or serve another model"
            : "Serve it under another name, or remove the model and add it again when nobody calls it any more");

    /// <summary>Demands that every later version can be called by callers made for a signature.</summary>
    /// <param name="signature">The signature.</param>
    /// <param name="isFirm">Whether also the first version has to meet it. Otherwise it is dropped if that one does not: what nothing has ever met is a mistake of its caller.</param>
    public void Demand(ModelSignature signature, bool isFirm)
    {
        lock (_lock) (isFirm || _signature is not null ? _demands : _untried).Add(signature);
    }

    /// <summary>Finds what keeps callers from calling a model.</summary>
    /// <returns>The first difference; <see langword="null"/> when there is none.</returns>
    public string? FindIncompatibility(ModelSignature signature)
    {
        lock (_lock)
        {
            return _signature?.FindIncompatibility(signature)
                ?? (_signature is { } told ? FindWrongClasses(told.Outputs, signature.Outputs) ?? FindWrongClasses(told.Inputs, signature.Inputs) : null)
                ?? FindUnmetDemand(signature);
        }
    }

    /// <summary>Finds a typed caller that cannot call a model.</summary>
    public string? FindUnmetDemand(ModelSignature signature)
    {
        lock (_lock)
        {
            string? difference = null;
            foreach (var demand in _demands) difference ??= demand.FindIncompatibility(signature);
            return difference;
        }
    }

    /// <summary>Makes the signature that callers would rent from if a compatible model served.</summary>
    public ModelSignature Combine(ModelSignature signature)
    {
        if (_signature is not { } told) return signature;
        var combined = new ModelSignature(told.Inputs.Zip(signature.Inputs, Combine), told.Outputs.Zip(signature.Outputs, Combine));

        // Who keeps an object that says the same keeps its batches.
        return combined.Equals(told) ? told : combined.Equals(signature) ? signature : combined;
    }

    /// <summary>Tells callers of the signature from now on.</summary>
    public void Tell(ModelSignature signature)
    {
        lock (_lock)
        {
            _signature = signature;
            _demands.UnionWith(_untried.Where(demand => demand.FindIncompatibility(signature) is null));
            _untried.Clear();
        }
    }

    private static TensorSpec Combine(TensorSpec told, TensorSpec next)
        => new(told.Name, told.ElementType, [.. told.Shape.Zip(next.Shape, (size, other) => size >= 0 ? size : other)])
        {
            Columns = told.Columns.Count > 0 ? told.Columns : next.Columns,
            Classes = told.Classes.Count > 0 ? told.Classes : next.Classes,
        };

    /// <summary>Finds classes of one side that are as many as the other side has no elements for.</summary>
    private static string? FindWrongClasses(IReadOnlyList<TensorSpec> told, IReadOnlyList<TensorSpec> next)
    {
        foreach (var (before, after) in told.Zip(next))
        {
            var combined = Combine(before with { Classes = [] }, after with { Classes = [] });
            var classes = before.Classes.Count > 0 ? before.Classes : after.Classes;
            if (classes.Count > 0 && combined.Width >= 0 && combined.Width != classes.Count) return $"'{before.Name}' has {combined.Width} elements in each row, but {classes.Count} classes";
        }

        return null;
    }
}
