namespace Mlops.Models;

/// <summary>Composes a predictor from a core and the decorators around it.</summary>
/// <param name="innermost">The predictor that the first decorator from the inside wraps.</param>
public sealed class PredictorBuilder(IPredictor innermost)
{
    private readonly IPredictor _innermost = innermost ?? throw new ArgumentNullException(nameof(innermost));
    private readonly List<Func<IPredictor, IPredictor>> _decorators = [];

    /// <summary>Adds a decorator; the one added first is the outermost.</summary>
    /// <param name="decorator">Wraps the predictor it is given.</param>
    /// <returns>This builder.</returns>
    public PredictorBuilder Use(Func<IPredictor, IPredictor> decorator)
    {
        ArgumentNullException.ThrowIfNull(decorator);
        _decorators.Add(decorator);
        return this;
    }

    /// <summary>Builds the predictor.</summary>
    /// <returns>The outermost decorator, or the core when there is none.</returns>
    /// <exception cref="InvalidOperationException">A decorator returned nothing.</exception>
    public IPredictor Build()
    {
        var predictor = _innermost;
        for (var i = _decorators.Count - 1; i >= 0; i--)
            predictor = _decorators[i](predictor) ?? throw new InvalidOperationException($"Decorator {i} returned no predictor; it must return at least the one it was given.");
        return predictor;
    }
}
