using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Mlops.Data;

/// <summary>Maps the properties of a record to columns.</summary>
[RequiresDynamicCode("Makes a typed getter for each property.")]
internal static class PropertyMap
{
    private static readonly MethodInfo s_add = typeof(PropertyMap).GetMethod(nameof(Add), BindingFlags.NonPublic | BindingFlags.Static)!;

    private delegate TValue StructGetter<T, TValue>(ref T record);

    [UnconditionalSuppressMessage("Trimming", "IL2060", Justification = "The type parameters of Add have no requirements.")]
    public static RecordMap<T> Create<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(DataSchema? schema)
    {
        var map = new RecordMap<T>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            // A property that another one hides comes after it.
            if (!names.Add(property.Name)) continue;
            if (property.GetMethod is null || property.GetIndexParameters().Length > 0) continue;
            var width = schema is not null && schema.TryIndexOf(property.Name, out var index) ? schema[index].Width : 1;
            if (schema is null && ClrValue.FindVectorType(property.PropertyType) is not null)
                throw new NotSupportedException($"The property '{property.Name}' of {typeof(T).Name} is a vector, whose width must be known. Give a schema, or name the columns with the overload that takes a map.");
            if (ClrValue.FindVectorType(property.PropertyType) is not null ? width == 1 : ClrValue.FindType(property.PropertyType) is null) continue;
            s_add.MakeGenericMethod(typeof(T), property.PropertyType).Invoke(null, [map, property, width]);
        }

        return map.Columns.Count > 0
            ? map
            : throw new NotSupportedException($"{typeof(T)} has no public property that a column can hold. Name the columns with the overload that takes a map.");
    }

    private static void Add<T, TValue>(RecordMap<T> map, PropertyInfo property, int width)
    {
        Func<T, TValue> get;
        if (typeof(T).IsValueType)
        {
            var getter = property.GetMethod!.CreateDelegate<StructGetter<T, TValue>>();
            get = record => getter(ref record);
        }
        else
        {
            get = property.GetMethod!.CreateDelegate<Func<T, TValue>>();
        }

        if (width == 1) map.Column(property.Name, get);
        else map.AddVector(property.Name, width, get, ColumnRole.Feature);
    }
}
