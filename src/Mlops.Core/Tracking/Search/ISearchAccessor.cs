namespace Mlops.Tracking;

/// <summary>Reads the fields of things that are searched in memory.</summary>
/// <typeparam name="T">What is searched.</typeparam>
public interface ISearchAccessor<in T>
{
    /// <summary>Reads a field that a thing has once.</summary>
    /// <param name="item">The thing.</param>
    /// <param name="field">The field, of any entity but <see cref="SearchEntity.Dataset"/>.</param>
    /// <returns>What it has.</returns>
    SearchKey Read(T item, SearchField field);

    /// <summary>Reads a field that a thing may have several times.</summary>
    /// <param name="item">The thing.</param>
    /// <param name="field">The field of <see cref="SearchEntity.Dataset"/>.</param>
    /// <returns>The texts; a condition is fulfilled when one of them fulfils it.</returns>
    IEnumerable<string> ReadAll(T item, SearchField field);
}
