namespace Mlops.Models;

/// <summary>A model that is a <see cref="ModelGraph"/>, and can therefore be exported.</summary>
public interface IGraphModel : IModel
{
    /// <summary>Gets the graph.</summary>
    ModelGraph Graph { get; }
}
