using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Mlops.Architecture.Tests;

/// <summary>Writes the public API of an assembly as text: one block for each type, one line for each member, in ordinal order.</summary>
internal static class PublicApiWriter
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Made anew for each look, because it is not safe for concurrent use.</summary>
    private static NullabilityInfoContext Nullability => new();

    public static string Write(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(DescribeType(type)).Append('\n');
            var isData = type.IsEnum;
            foreach (var member in Members(type).Select(member => isData ? DescribeEnumValue((FieldInfo)member) : DescribeMember(member)).Order(StringComparer.Ordinal))
                text.Append("    ").Append(member).Append('\n');
            text.Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<MemberInfo> Members(Type type)
    {
        if (type.IsEnum) return type.GetFields(BindingFlags.Public | BindingFlags.Static);
        if (type.IsSubclassOf(typeof(Delegate))) return [type.GetMethod("Invoke")!];
        return type.GetMembers(Declared).Where(IsShown);
    }

    private static bool IsShown(MemberInfo member) => member switch
    {
        // Members that the compiler makes for records say nothing beyond the word record.
        MethodBase method when method.IsDefined(typeof(CompilerGeneratedAttribute)) => false,
        MethodBase method => IsVisible(method) && (!method.IsSpecialName || method is ConstructorInfo || method.Name.StartsWith("op_", StringComparison.Ordinal)),
        PropertyInfo property => property.Name != "EqualityContract" && (IsVisible(property.GetMethod) || IsVisible(property.SetMethod)),
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        EventInfo e => IsVisible(e.AddMethod),
        _ => false,
    };

    private static bool IsVisible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static string DescribeType(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsSubclassOf(typeof(Delegate)) ? "delegate"
            : type.IsValueType ? "struct" : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";
        if (type.GetMethod("<Clone>$") is not null) kind = kind.Replace("class", "record", StringComparison.Ordinal);
        Type?[] parents = type.IsEnum || type.IsSubclassOf(typeof(Delegate)) ? []
            : [type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? parent : null, .. type.GetInterfaces().OrderBy(Name, StringComparer.Ordinal)];
        var shown = parents.OfType<Type>().Where(parent => parent.IsVisible).Select(Name).ToArray();
        return $"{kind} {type.Namespace}.{Name(type)}{(shown.Length > 0 ? " : " + string.Join(", ", shown) : "")}";
    }

    private static string DescribeEnumValue(FieldInfo field)
        => string.Create(CultureInfo.InvariantCulture, $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}");

    private static string DescribeMember(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"{Access(constructor)}.ctor({Parameters(constructor)})",
        MethodInfo method => $"{Access(method)}{Modifiers(method)}{Name(method.ReturnParameter)} {MethodName(method)}({Parameters(method)})",
        PropertyInfo property => $"{Access((property.GetMethod ?? property.SetMethod)!)}{Modifiers((property.GetMethod ?? property.SetMethod)!)}{Name(Nullability.Create(property))} {PropertyName(property)} {{ {Accessors(property)} }}",
        FieldInfo field => field.IsLiteral
            ? string.Create(CultureInfo.InvariantCulture, $"const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}")
            : $"{(field.IsStatic ? "static " : "")}{Name(Nullability.Create(field))} {field.Name}",
        EventInfo e => $"event {Name(Nullability.Create(e))} {e.Name}",
        _ => member.Name,
    };

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface) return method.IsStatic ? "static abstract " : "";
        if (method.IsStatic) return "static ";
        if (method.IsAbstract) return "abstract ";
        return method is { IsVirtual: true, IsFinal: false } && !method.DeclaringType.IsSealed && method.GetBaseDefinition() == method ? "virtual " : "";
    }

    private static string Accessors(PropertyInfo property)
    {
        var accessors = new List<string>();
        if (IsVisible(property.GetMethod)) accessors.Add("get;");
        if (IsVisible(property.SetMethod))
            accessors.Add(property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;");
        return string.Join(' ', accessors);
    }

    private static string PropertyName(PropertyInfo property)
        => property.GetIndexParameters() is { Length: > 0 } index ? $"this[{string.Join(", ", index.Select(Parameter))}]" : property.Name;

    private static string MethodName(MethodInfo method)
        => method.IsGenericMethod ? $"{method.Name}<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : method.Name;

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var isExtension = parameter.Position == 0 && parameter.Member.IsDefined(typeof(ExtensionAttribute));
        var prefix = isExtension ? "this " : parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? "ref " : "";
        return $"{prefix}{Name(parameter)} {parameter.Name}{(parameter.IsOptional ? " = " + Default(parameter) : "")}";
    }

    private static string Default(ParameterInfo parameter) => parameter.DefaultValue switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        var other => other.ToString()!,
    };

    /// <summary>A type as it is declared somewhere, with a question mark where null may come.</summary>
    private static string Name(NullabilityInfo declared)
    {
        var type = declared.Type.IsByRef ? declared.Type.GetElementType()! : declared.Type;
        var mark = MayBeNull(declared, type) ? "?" : "";
        if (declared.ElementType is { } element) return $"{Name(element)}[]{mark}";
        if (declared.GenericTypeArguments.Length == 0 || Nullable.GetUnderlyingType(type) is not null) return Name(type) + mark;
        return $"{BareName(type)}<{string.Join(", ", declared.GenericTypeArguments.Select(Name))}>{mark}";
    }

    /// <summary>Whether null may come through a type parameter is up to its argument; <see cref="Name(ParameterInfo)"/> knows better.</summary>
    private static bool MayBeNull(NullabilityInfo declared, Type type)
        => !type.IsValueType && !type.IsGenericParameter && (declared.ReadState == NullabilityState.Nullable || declared.WriteState == NullabilityState.Nullable);

    /// <summary>The type of a parameter or of what a method returns. Of type parameters, the flags that the compiler left are read: 2 for a question mark.</summary>
    private static string Name(ParameterInfo parameter)
    {
        var type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        if (!type.IsGenericParameter) return Name(Nullability.Create(parameter));
        var flag = Flag(parameter.CustomAttributes, "NullableAttribute") ?? Flag(parameter.Member.CustomAttributes, "NullableContextAttribute");
        for (var outer = parameter.Member.DeclaringType; flag is null && outer is not null; outer = outer.DeclaringType) flag = Flag(outer.CustomAttributes, "NullableContextAttribute");
        return type.Name + (flag == 2 ? "?" : "");
    }

    private static byte? Flag(IEnumerable<CustomAttributeData> attributes, string name)
        => attributes.FirstOrDefault(attribute => attribute.AttributeType.Name == name)?.ConstructorArguments[0].Value switch
        {
            byte flag => flag,
            IReadOnlyList<CustomAttributeTypedArgument> flags => (byte)flags[0].Value!,
            _ => null,
        };

    private static string Name(Type type)
    {
        if (type.IsByRef) return Name(type.GetElementType()!);
        if (type.IsArray) return $"{Name(type.GetElementType()!)}[]";
        if (type.IsPointer) return $"{Name(type.GetElementType()!)}*";
        if (Nullable.GetUnderlyingType(type) is { } value) return $"{Name(value)}?";
        return type.IsGenericType ? $"{BareName(type)}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : BareName(type);
    }

    private static string BareName(Type type)
    {
        var name = type.Name.Split('`')[0];
        return type is { IsNested: true, IsGenericParameter: false } ? $"{Name(type.DeclaringType!)}.{name}" : name;
    }
}
